"""Numbers in the words of a live sentence."""

from helpers import data


def say_images(number):
    """'1 image', '2.5 images'."""
    return f"{number:.4g} image{'' if number == 1 else 's'}"


def say_images_of(number, digit):
    """'3 images', or 'all 178 images' of a digit: a control that asks for more gets no more."""
    return "all " * (number == len(data.load_digit(digit))) + say_images(number)


def say_percent(share):
    """'40%'; what is neither nothing nor everything is never called so."""
    if share in (0, 1) or 0.01 <= share <= 0.99:
        return f"{100 * share:.0f}%"
    return "<1%" if share < 0.5 else ">99%"


def say_nats(number):
    """'0.53 nats', '1e-09 nats': enough digits to see it move, few enough to be the same on every
    machine."""
    if abs(number) < 1e-3:
        return f"{number:.0e} nats"
    return f"{number:.2f} nats" if abs(number) < 100 else f"{number:,.0f} nats"

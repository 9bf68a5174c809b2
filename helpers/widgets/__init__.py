"""Live figures, one module a widget: the only place where inference meets plots."""

"""What every pytest run of the course does first: nbval's kernels are started as patiently as
papermill's."""

import nbval.kernel
from execute import patiently

nbval.kernel.start_new_kernel = patiently(nbval.kernel.start_new_kernel)

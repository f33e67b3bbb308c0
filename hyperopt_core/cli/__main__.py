"""``python -m hyperopt_core.cli``: the command line where no script is installed."""

import sys

from hyperopt_core.cli import main

if __name__ == "__main__":
    sys.exit(main())

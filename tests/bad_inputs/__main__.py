"""Write every file into a folder: python -m bad_inputs FOLDER."""

import sys
from pathlib import Path

from bad_inputs import write

print(f"{len(write(Path(sys.argv[1])))} studies in {sys.argv[1]}")

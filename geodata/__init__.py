"""The records: tables, SQL, files in and out, geocoding, the rules on records."""

import os

from geodata.settings import decodes_gcj02
from spatial.decoding_switch import switch

# whatever uses records comes by here, so that no door can forget it
switch(allowed=decodes_gcj02(os.environ))

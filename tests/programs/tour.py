"""The tour of README.md with the generated client: invite, look, change in bulk, undo, and what happened."""

import os
import uuid

from roster_api import AuthenticatedClient

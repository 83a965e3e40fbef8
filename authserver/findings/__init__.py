"""Why a request failed, for its operator: received, expected, clause, fix.

Read from what was sent, after it was refused; nothing here decides anything. What could be a
secret is never taken down, only that it was there.
"""

from authserver.findings.asking import asked
from authserver.findings.finding import Finding, plain
from authserver.findings.interaction import of_another_browser, too_old
from authserver.findings.leaving import leaving

__all__ = ["Finding", "asked", "leaving", "of_another_browser", "plain", "too_old"]

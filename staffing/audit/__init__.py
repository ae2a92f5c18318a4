"""Second opinions on a plan: event simulation, both Erlang models, pyworkforce."""

from staffing.audit.whole import HANDLE_CV as HANDLE_CV
from staffing.audit.whole import Audit as Audit
from staffing.audit.whole import audit_requirement as audit_requirement
from staffing.audit.whole import short_audit as short_audit

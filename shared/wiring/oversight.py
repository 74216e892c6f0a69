"""Limits, operators, the audit, and what somebody has to look at."""

from datetime import timedelta

from shared.domain.audit_chain import Broken
from shared.domain.credentials import parse_credentials
from shared.services.attention.items import Attention, Matter
from shared.services.audit.chain import AuditChain
from shared.services.audit.entries import Audit
from shared.services.audit.seal import AuditSealer
from shared.services.audit.verify import AuditVerify
from shared.services.audit.viewing import Viewing
from shared.services.limits import Limits
from shared.services.operators.sign_in import Operators, SignIn, SignInRule
from shared.wiring.engines import Engines
from shared.wiring.once import once


class Oversight(Engines):
    @once
    def limits(self) -> Limits:
        return Limits(self.documents, self.clock)

    @once
    def audit(self) -> Audit:
        return Audit(self.documents, self.clock, self.randomness)

    @once
    def audit_chain(self) -> AuditChain:
        return AuditChain(self.documents, self.media, self.keys)

    @once
    def audit_sealer(self) -> AuditSealer:
        return AuditSealer(self.audit_chain, self.keys, self.clock, self.randomness, self.tampered)

    @once
    def audit_verify(self) -> AuditVerify:
        return AuditVerify(self.audit_chain, self.clock)

    def tampered(self, broken: Broken) -> None:
        """The audit is not what was written."""
        where = f"{broken.day}/{broken.entry}"
        self.attention.call(Matter.TAMPER, where, what="audit", day=broken.day, entry=broken.entry, why=broken.why)

    @once
    def attention(self) -> Attention:
        return Attention(self.documents, self.clock, self.audit)

    @once
    def operators(self) -> Operators:
        s = self.settings
        rule = SignInRule(
            kind=SignIn(s.operators),
            tenant=s.operator_tenant,
            life=timedelta(hours=s.operator_hours),
            idle=timedelta(minutes=s.operator_idle_minutes),
            tries_name=s.limit_operator_tries,
            tries_address=s.limit_operator_tries_address,
        )
        credentials = parse_credentials(s.local_operators.get_secret_value())
        return Operators(self.documents, self.clock, self.randomness, self.limits, self.audit, credentials, rule)

    @once
    def viewing(self) -> Viewing:
        return Viewing(self.documents, self.audit, self.clock)

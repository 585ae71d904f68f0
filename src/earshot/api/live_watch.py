"""The times of one session: its heartbeats, how long its client may be silent, and its end."""

from typing import Final

from earshot.api.faults import FaultKind, SessionFault

BEAT_S: Final = 5.0  # "every 5 s"


class SessionWatch:
    """Looks at the clock; seconds of any clock, the same one always."""

    def __init__(self, began_s: float, *, max_session_s: float, idle_s: float | None) -> None:
        """With `idle_s`, nothing may come for that long."""
        self._expires_s = began_s + max_session_s
        self._beat_s = began_s + BEAT_S
        self._idle_s = idle_s

    def next_s(self, active_s: float) -> float:
        """When to look again, if the client was last active then."""
        idle_until_s = self._expires_s if self._idle_s is None else active_s + self._idle_s
        return min(self._expires_s, idle_until_s, self._beat_s)

    def is_beat_due(self, now_s: float, active_s: float, *, is_listening: bool) -> bool:
        """Whether to tell a heartbeat now; SessionFault where the session's time is up.

        A client that is not listened to is not silent.
        """
        if now_s >= self._expires_s:
            raise SessionFault(
                FaultKind.EXPIRED, "Session Expired: Maximum session duration exceeded"
            )
        if self._idle_s is not None and is_listening and now_s >= active_s + self._idle_s:
            raise SessionFault(
                FaultKind.INACTIVE,
                "Session terminated due to inactivity: "
                f"No messages received for {self._idle_s:g} seconds",
            )
        if now_s < self._beat_s:
            return False
        self._beat_s += BEAT_S
        return True

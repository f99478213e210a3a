"""Makes the recorders of an application from its environment.

NATS_URL                   servers of the log, e.g. nats://user:password@host:4222, several separated by commas
TZUROT_LOG_MAX_BYTES       limit of the store; default unlimited for a new log, unchanged for an existing one
TZUROT_LOG_REPLICAS        copies in a cluster; default 1 for a new log, whatever it is for an existing one
CREATE_TABLE               as in the library: false leaves a log that does not exist uncreated
"""

from eventsourcing.persistence import InfrastructureFactory
from eventsourcing.utils import Environment, EnvType, resolve_topic, strtobool

from engine.errors import Misconfigured
from engine.log.appending import Appender
from engine.log.pool import Pool
from engine.log.recorders import (
    LogAggregateRecorder,
    LogApplicationRecorder,
    LogProcessRecorder,
    LogTrackingRecorder,
)
from engine.log.stream import Stream
from engine.log.subjects import EVENTS, escape, stream_name

NATS_URL = "NATS_URL"
MAX_BYTES = "TZUROT_LOG_MAX_BYTES"
REPLICAS = "TZUROT_LOG_REPLICAS"
EVENTS_PURPOSE = "events"


class Factory(InfrastructureFactory[LogTrackingRecorder]):
    """Recorders on the stream of one application; they share its connections."""

    CREATE_TABLE = "CREATE_TABLE"

    aggregate_recorder_class = LogAggregateRecorder
    application_recorder_class = LogApplicationRecorder
    tracking_recorder_class = LogTrackingRecorder
    process_recorder_class = LogProcessRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        url = self.env.get(NATS_URL)
        if not url:
            names = ", ".join(self.env.create_keys(NATS_URL))
            raise Misconfigured(f"The log's server is not configured: set {names}.")
        self.pool = Pool(url)
        self._stream = Stream(self.pool, stream_name(self.env.name))
        self._appender = Appender(self._stream)

    def aggregate_recorder(self, purpose: str = EVENTS_PURPOSE) -> LogAggregateRecorder:
        self._ensure()
        kept_as = EVENTS if purpose == EVENTS_PURPOSE else escape(purpose)
        return self.aggregate_recorder_class(self._stream, self._appender, purpose=kept_as)

    def application_recorder(self) -> LogApplicationRecorder:
        return self._make(self.APPLICATION_RECORDER_TOPIC, self.application_recorder_class)

    def tracking_recorder(
        self, tracking_recorder_class: type[LogTrackingRecorder] | None = None
    ) -> LogTrackingRecorder:
        if tracking_recorder_class is None:
            return self._make(self.TRACKING_RECORDER_TOPIC, self.tracking_recorder_class)
        self._ensure()
        return tracking_recorder_class(self._stream, self._appender)

    def process_recorder(self) -> LogProcessRecorder:
        return self._make(self.PROCESS_RECORDER_TOPIC, self.process_recorder_class)

    def close(self) -> None:
        self.pool.close()

    def _make[R: (LogApplicationRecorder, LogTrackingRecorder, LogProcessRecorder)](
        self, topic_setting: str, default: type[R]
    ) -> R:
        topic = self.env.get(topic_setting)
        recorder_class: type[R] = resolve_topic(topic) if topic else default
        if not issubclass(recorder_class, default):
            raise Misconfigured(f"{topic_setting} must name a subclass of {default.__name__}")
        self._ensure()
        return recorder_class(self._stream, self._appender)

    def _ensure(self) -> None:
        self._stream.ensure(
            max_bytes=self._whole_number(MAX_BYTES),
            replicas=self._whole_number(REPLICAS),
            create=strtobool(self.env.get(self.CREATE_TABLE) or "yes"),
        )

    def _whole_number(self, setting: str) -> int | None:
        text = (self.env.get(setting) or "").strip()
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise Misconfigured(f"{setting} must be a whole number") from None

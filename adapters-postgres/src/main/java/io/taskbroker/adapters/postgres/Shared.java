package io.taskbroker.adapters.postgres;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.domain.TimeSource;

/** What the parts of one journal know in common. */
record Shared(
    PostgresPlace place,
    Membership membership,
    Custodies custodies,
    ServerClock clock,
    LiveSize size,
    ReferencePresence reference,
    JournalEnd end,
    TimeSource time,
    EventSink<JournalEvent> metrics) {}

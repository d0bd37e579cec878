package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.Custody;

/** The time without a beat after which a broker may be deposed, as SQL needs it. */
final class Silence {
  static final long SECONDS = Custody.SILENCE.toSeconds();

  private Silence() {}
}

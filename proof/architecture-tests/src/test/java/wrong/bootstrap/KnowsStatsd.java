package wrong.bootstrap;

import com.timgroup.statsd.NoOpStatsDClient;

/** Wiring that sends metrics itself. */
final class KnowsStatsd {
  static final NoOpStatsDClient CLIENT = new NoOpStatsDClient();
}

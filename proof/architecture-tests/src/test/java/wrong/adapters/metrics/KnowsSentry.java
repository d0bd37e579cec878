package wrong.adapters.metrics;

import io.sentry.SentryLevel;

/** An adapter that reports errors itself. */
final class KnowsSentry {
  static final SentryLevel LEVEL = SentryLevel.ERROR;
}

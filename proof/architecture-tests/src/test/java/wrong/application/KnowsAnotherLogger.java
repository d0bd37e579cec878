package wrong.application;

import java.util.logging.Logger;

/** A use case that logs elsewhere. */
final class KnowsAnotherLogger {
  static final Logger LOG = Logger.getLogger("wrong");
}

package wrong.domain;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A rule that logs. */
final class KnowsALogger {
  static final Logger LOG = LoggerFactory.getLogger("wrong");
}

package wrong.domain;

import java.util.UUID;

/** A rule that depends on luck. */
final class DrawsAName {
  String name() {
    return UUID.randomUUID().toString();
  }
}

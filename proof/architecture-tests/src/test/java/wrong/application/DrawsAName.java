package wrong.application;

import java.util.UUID;

/** Names something in a way that no seed decides. */
final class DrawsAName {
  String name() {
    return UUID.randomUUID().toString();
  }
}

package io.taskbroker.adapters.http.admin;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Browsers that have shown a token, by the random id in their cookie. Kept in memory: a restart
 * ends them all. Safe for all threads.
 */
final class Sessions {
  static final Duration LONGEST = Duration.ofHours(12);

  /** The oldest gives way. */
  static final int MOST = 1_000;

  private static final int ID_BYTES = 32;

  private final TimeSource time;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Session> sessions = new LinkedHashMap<>();

  private record Session(Actor actor, Moment end) {}

  Sessions(TimeSource time) {
    this.time = time;
  }

  /** Begins one; its id. */
  synchronized String begin(Actor actor) {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    if (sessions.size() == MOST) {
      sessions.remove(sessions.keySet().iterator().next());
    }
    sessions.put(id, new Session(actor, time.now().plus(LONGEST)));
    return id;
  }

  /** Whose it is; empty if it is not known or over. */
  synchronized Optional<Actor> actorOf(String id) {
    Session session = sessions.get(id);
    if (session == null) {
      return Optional.empty();
    }
    if (session.end().isBefore(time.now())) {
      sessions.remove(id);
      return Optional.empty();
    }
    return Optional.of(session.actor());
  }

  synchronized void end(String id) {
    sessions.remove(id);
  }
}

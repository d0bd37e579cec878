package io.taskbroker.adapters.http.admin;

import java.util.List;
import java.util.Optional;

/**
 * The brokers that are shown together.
 *
 * @param own the name of this one among them
 * @param others without this one
 */
public record KnownBrokers(String own, List<Known> others) {
  /** In all. Each look asks all of them. */
  public static final int MOST = 16;

  /** Nobody but this one. */
  public static final KnownBrokers NONE = new KnownBrokers("local", List.of());

  /**
   * One of them.
   *
   * @param url of its admin API, such as {@code http://10.0.0.7:8081}
   * @param token what is shown there; its role bounds what can be done there from here
   */
  public record Known(String name, String url, Optional<String> token) {
    /** Without the token, so that no log line has it. */
    @Override
    public String toString() {
      return "broker %s at %s".formatted(name, url);
    }
  }

  public KnownBrokers {
    others = List.copyOf(others);
    if (own.isBlank() || others.stream().anyMatch(one -> one.name().isBlank())) {
      throw new IllegalArgumentException("each broker needs a name");
    }
    long names =
        others.stream().map(Known::name).filter(name -> !name.equals(own)).distinct().count();
    if (names < others.size()) {
      throw new IllegalArgumentException(
          "each broker needs another name, and none '%s'".formatted(own));
    }
    if (others.size() >= MOST) {
      throw new IllegalArgumentException(
          "at most %d brokers are shown together, were %d".formatted(MOST, others.size() + 1));
    }
  }
}

package io.taskbroker.inflight.engine;

import org.jspecify.annotations.Nullable;

/**
 * What holds until further notice, such as an operator's pause, as a journal keeps it. Only its
 * writer knows what the texts mean.
 *
 * @param name tells it from all others
 * @param text null if it does not hold any more
 * @param reach for whom it holds
 * @param over if the order does not hold any more, what it says: one that says something else by
 *     now stays. Null lifts it whatever it says
 */
public record StandingOrder(
    String name, @Nullable String text, Reach reach, @Nullable String over) {
  /** Whose order it is, where several brokers share a journal. */
  public enum Reach {
    /** It holds for all of them. */
    EVERYBODY,

    /** It holds for the broker that wrote it, and for those of its name that come after it. */
    OWN
  }

  /** One that holds for all brokers of the journal. */
  public StandingOrder(String name, @Nullable String text) {
    this(name, text, Reach.EVERYBODY);
  }

  public StandingOrder(String name, @Nullable String text, Reach reach) {
    this(name, text, reach, null);
  }

  /** Lifts an order of all brokers that has ended by itself, if nobody has given another one. */
  public static StandingOrder over(String name, String text) {
    return new StandingOrder(name, null, Reach.EVERYBODY, text);
  }
}

package io.taskbroker.application.push;

import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What people are told of an application's standstill: that it is stalled as a whole, that
 * connections to one address rest while others work, that its at-most-once tasks are withheld. For
 * one thread at a time.
 */
final class LaneWords {
  /** A rest as short as this is not worth a line. */
  private static final Duration WORTH_A_LINE = Duration.ofSeconds(1);

  private final ConnectionTable connections;
  private boolean standsStill;
  private boolean withholdsOnce;

  /** Whether any connection may have begun to rest that has no line. */
  private boolean anyRests;

  LaneWords(ConnectionTable connections) {
    this.connections = connections;
  }

  /** These connections are gone. */
  void gone(List<ConnectionState> gone, List<Step> steps) {
    Set<String> addresses = new TreeSet<>();
    for (ConnectionState one : gone) {
      if (one.isNamed()) {
        addresses.add(one.connection().address());
      }
    }
    addresses.forEach(address -> tell(address, new Word.Gone(address), steps));
  }

  void standstill(String reason, List<Step> steps) {
    standsStill = true;
    steps.add(new Word.Standstill(reason));
  }

  void onceIsWithheld(List<Step> steps) {
    withholdsOnce = true;
    steps.add(new Word.OnceWithheld(connections.trouble()));
  }

  void rests(ConnectionState one, Moment now) {
    anyRests = true;
    one.restsSince(now);
  }

  /** A worker behind this connection has answered: then others that rest are an exception. */
  void reached(ConnectionState over, List<Step> steps, Moment now) {
    over.works();
    if (standsStill) {
      standsStill = false;
      steps.add(new Word.GoesOn());
    }
    if (withholdsOnce && connections.hopesFor(true, now)) {
      withholdsOnce = false;
      steps.add(new Word.OnceGoesOn());
    }
    if (over.isNamed()) {
      String address = over.connection().address();
      over.named(false);
      tell(address, new Word.Works(address), steps);
    }
    if (anyRests) {
      nameThoseAtRest(steps, now);
    }
  }

  private void nameThoseAtRest(List<Step> steps, Moment now) {
    anyRests = false;
    Set<String> addresses = new TreeSet<>();
    for (ConnectionState one : connections.all()) {
      if (one.isAtRest() && !one.isNamed()) {
        if (one.hasRestedFor(WORTH_A_LINE, now)) {
          one.named(true);
          addresses.add(one.connection().address());
        } else {
          anyRests = true;
        }
      }
    }
    addresses.forEach(address -> tell(address, new Word.Works(address), steps));
  }

  /**
   * Says how many connections to this address rest.
   *
   * @param none what is said if none does
   */
  private void tell(String address, Word none, List<Step> steps) {
    int resting = 0;
    int all = 0;
    String reason = "";
    for (ConnectionState one : connections.all()) {
      if (one.connection().address().equals(address)) {
        all++;
        if (one.isNamed()) {
          resting++;
          reason = one.reason();
        }
      }
    }
    steps.add(resting == 0 ? none : new Word.Rests(address, resting, all, reason));
  }
}

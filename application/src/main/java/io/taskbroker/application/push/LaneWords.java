package io.taskbroker.application.push;

import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.List;

/**
 * What people are told of an application's standstill: that it is stalled as a whole, that one
 * connection rests while others work, that its at-most-once tasks are withheld. For one thread at a
 * time.
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
    for (ConnectionState one : gone) {
      if (one.isNamed()) {
        steps.add(new Word.Gone(one.connection()));
      }
    }
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
      over.named(false);
      steps.add(new Word.Works(over.connection()));
    }
    if (anyRests) {
      nameThoseAtRest(steps, now);
    }
  }

  private void nameThoseAtRest(List<Step> steps, Moment now) {
    anyRests = false;
    for (ConnectionState one : connections.all()) {
      if (one.isAtRest() && !one.isNamed()) {
        if (one.hasRestedFor(WORTH_A_LINE, now)) {
          one.named(true);
          steps.add(new Word.Rests(one.connection(), one.reason()));
        } else {
          anyRests = true;
        }
      }
    }
  }
}

package io.taskbroker.inflight;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.engine.Budget;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.List;

/** What became of the commands of one group when the engine was asked, within one budget. */
final class Decided<C extends Command<?>> {
  /** Rows that one command may touch in a turn: some 2 ms. */
  static final int COMMAND_ROWS = 256;

  private final List<C> commands;
  private final List<C> done = new ArrayList<>();
  private final List<C> cut = new ArrayList<>();
  private int begun;

  Decided(List<C> commands) {
    this.commands = commands;
  }

  /**
   * Asks the engine for one command after the other until the budget is spent; the first one is
   * always begun.
   *
   * @return claims of all of them
   */
  List<Claim> decide(InflightEngine engine, Moment now, Budget budget) {
    List<Claim> claims = new ArrayList<>(commands.size());
    engine.at(now);
    for (C command : commands) {
      if (begun > 0 && budget.isSpent()) {
        break;
      }
      begun++;
      engine.grant(budget.share(COMMAND_ROWS));
      if (command.decide(engine, now)) {
        done.add(command);
      } else {
        cut.add(command);
      }
      claims.addAll(command.claims());
    }
    return claims;
  }

  /** Those that were asked, the one that broke included if one did. */
  List<C> begun() {
    return commands.subList(0, begun);
  }

  List<C> notBegun() {
    return commands.subList(begun, commands.size());
  }

  /** Those that are answered once this is written. */
  List<C> done() {
    return done;
  }

  /** Those of which this was only a part. */
  List<C> cut() {
    return cut;
  }
}

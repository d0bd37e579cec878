package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Does the same to a number of tasks for an operator, in as many turns as that takes. */
final class ActCommand extends Command<List<Verdict>> {
  /** Does it to one row. */
  @FunctionalInterface
  interface Decision {
    Verdict on(InflightEngine engine, long key, Moment now);
  }

  private final Decision decision;
  private final List<Long> keys;
  private final List<Verdict> verdicts;
  private int written;

  ActCommand(Moment queuedAt, List<Long> keys, Decision decision) {
    super(StoreCall.OTHER, queuedAt);
    this.decision = decision;
    this.keys = List.copyOf(keys);
    this.verdicts = new ArrayList<>(keys.size());
  }

  @Override
  boolean decide(InflightEngine engine, Moment now) {
    verdicts.subList(written, verdicts.size()).clear();
    while (verdicts.size() < keys.size() && !engine.budget().isSpent()) {
      verdicts.add(decision.on(engine, keys.get(verdicts.size()), now));
    }
    return verdicts.size() == keys.size();
  }

  @Override
  void written() {
    written = verdicts.size();
  }

  /** What could not be written is put aside, and counts as not stored. */
  @Override
  @Nullable StoreException narrowed(InflightEngine engine) {
    for (int i = 0; i < verdicts.size(); i++) {
      if (engine.isPutAside(keys.get(i))) {
        verdicts.set(i, Verdict.NOT_STORED);
      }
    }
    return null;
  }

  @Override
  List<Verdict> answer(List<Delivered> delivered) {
    return List.copyOf(verdicts);
  }
}

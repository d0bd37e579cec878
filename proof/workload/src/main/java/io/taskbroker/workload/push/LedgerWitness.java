package io.taskbroker.workload.push;

import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.ledger.Handout;
import io.taskbroker.workload.ledger.Ledger;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Writes what it sees into a ledger. */
public final class LedgerWitness implements Witness {
  private final Ledger ledger;
  private final String broker;
  private final Duration onTheWay;
  private final Map<String, Handout> latest = new ConcurrentHashMap<>();
  private final AtomicLong calls = new AtomicLong();

  /** Of the workers of the only broker that there is. */
  public LedgerWitness(Ledger ledger) {
    this(ledger, "", Duration.ZERO);
  }

  /**
   * @param broker address of the one that calls these workers
   * @param onTheWay how long before a call arrives the broker may have decided on it
   */
  public LedgerWitness(Ledger ledger, String broker, Duration onTheWay) {
    this.ledger = ledger;
    this.broker = broker;
    this.onTheWay = onTheWay;
  }

  @Override
  public void called() {
    calls.incrementAndGet();
  }

  @Override
  public void accepted(TaskActivation task, long calledNanos) {
    Handout handout = ledger.handedOut(task, broker, calledNanos - onTheWay.toNanos());
    if (handout != null) {
      latest.put(task.getId(), handout);
    }
  }

  @Override
  public void worked(String id) {
    Handout handout = latest.get(id);
    if (handout != null) {
      ledger.worked(handout);
    }
  }

  @Override
  public void acknowledged(String id) {
    Handout handout = latest.remove(id);
    if (handout != null) {
      ledger.acknowledged(handout);
    }
  }

  /** How often the broker has called. */
  public long calls() {
    return calls.get();
  }
}

package io.taskbroker.application.store;

import io.taskbroker.application.intake.Holdings;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.operations.OperatedStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;

/**
 * An open store, seen through the port of each job.
 *
 * <p>The ports look at the same rows. Each is safe for any number of threads, and each method
 * returns the same object as long as the store is open.
 */
public interface Store extends WorkedStore, OperatedStore, AutoCloseable {
  IntakeStore intake();

  /** Which rows are here; all of them, unless several brokers share the store. */
  default Holdings holdings() {
    return Holdings.OF_ALL;
  }

  SweepStore sweeps();

  RulesStore rules();

  OutboxStore outbox();

  /** How large the store is. Cheap: counted, or asked of the file system. */
  StoreSize size();

  /** How many calls wait for the store; 0 if it lets none wait. */
  int waiting();

  /**
   * Finishes the calls that wait, refuses later ones with {@link
   * io.taskbroker.application.StoreException.Closed}, and gives back what the store holds. Calling
   * it again does nothing.
   */
  @Override
  void close();
}

package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.operations.SteeringStore;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;
import java.util.List;

/**
 * A store under test, seen through its ports, and the windows that only tests need.
 *
 * <p>The ports of a store that was reopened are other objects than before.
 */
public interface TestStore extends AutoCloseable {
  IntakeStore intake();

  DispatchStore dispatch();

  SweepStore sweeps();

  PushStore pushes();

  RulesStore rules();

  OutboxStore outbox();

  StoredTasks tasks();

  SteeringStore steering();

  RuleOrderStore ruleOrders();

  AttemptStore attempts();

  /**
   * All rows in the order of their arrival, as a restart would find them after everything that was
   * answered so far.
   */
  List<KeptRow> rows();

  /** Closes the store in order, or leaves it if it has died, and opens what it kept. */
  void reopen();

  /**
   * Lets the store die when it next writes something down: as if the process had ended there, the
   * command in progress gets no answer but {@code StoreException.Closed}.
   */
  void dieAtNextWrite(Death death);

  @Override
  void close();

  /** On which side of a write the store dies. */
  enum Death {
    /** Nothing of the command is kept. */
    BEFORE_WRITE,
    /** All of it is kept, and nobody was told. */
    BEFORE_ANSWER
  }
}

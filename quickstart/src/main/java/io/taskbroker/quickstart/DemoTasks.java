package io.taskbroker.quickstart;

import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import java.time.Duration;
import java.util.List;

/** What the demo's application asks for: mostly quick tasks, and some of each other kind. */
final class DemoTasks {
  static final String APPLICATION = "demo";

  private static final TaskKind QUICK = TaskKind.quick("demo.quick");
  private static final TaskKind SLOW = TaskKind.quick("demo.slow").working(Duration.ofMillis(50));
  private static final TaskKind FAILING = TaskKind.quick("demo.failing").ending(Ending.DISCARD);
  private static final TaskKind RETRYING = TaskKind.quick("demo.retrying").retrying(2);
  private static final TaskKind DELAYED =
      TaskKind.quick("demo.delayed").delayed(Duration.ofSeconds(3));
  private static final TaskKind HOPELESS =
      TaskKind.quick("demo.hopeless").retrying(1).ending(Ending.DEAD_LETTER);

  private static final List<TaskKind> KINDS =
      List.of(QUICK, SLOW, FAILING, RETRYING, DELAYED, HOPELESS);

  /** Of twenty tasks in a row. */
  private static final int ROUND = 20;

  private DemoTasks() {}

  static List<TaskKind> kinds() {
    return KINDS;
  }

  /** The same number always gives the same kind. */
  static TaskKind kindOf(long number) {
    return switch ((int) (number % ROUND)) {
      case 3 -> SLOW;
      case 7 -> FAILING;
      case 11, 13 -> RETRYING;
      case 15 -> DELAYED;
      case 17 -> HOPELESS;
      default -> QUICK;
    };
  }
}

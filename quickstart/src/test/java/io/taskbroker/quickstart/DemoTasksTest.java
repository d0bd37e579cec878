package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.workload.ledger.TaskKind;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class DemoTasksTest {
  @Test
  void aRoundHoldsEachKind_andWorkersKnowThemAll() {
    assertThat(LongStream.range(0, 20).mapToObj(DemoTasks::kindOf).map(TaskKind::taskname))
        .containsAll(DemoTasks.kinds().stream().map(TaskKind::taskname).toList());
  }
}

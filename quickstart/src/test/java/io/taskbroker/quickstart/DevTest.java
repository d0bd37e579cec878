package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.workload.Programs;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class DevTest {
  private final StringWriter said = new StringWriter();

  private int run(String... arguments) {
    return Programs.commandLine(new Dev()).setErr(new PrintWriter(said, true)).execute(arguments);
  }

  @Test
  void quietWithALoad_isRefused() {
    assertThat(run("--quiet", "--tasks", "5")).isEqualTo(2);
    assertThat(said.toString()).contains("--tasks and --rate do not go with it");
  }

  @Test
  void quietWithPush_saysHowTasksArePushedToAWorkerOfOnesOwn() {
    assertThat(run("--quiet", "--push")).isEqualTo(2);
    assertThat(said.toString())
        .contains("TASKBROKER_DELIVERY_MODE=push")
        .contains("TASKBROKER_WORKER_MAP='{APPLICATION=http://HOST:PORT}'");
  }
}

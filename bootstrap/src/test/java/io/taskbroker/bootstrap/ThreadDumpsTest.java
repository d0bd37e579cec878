package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThreadDumpsTest {
  @Test
  void aDumpNamesEveryThreadAndWhereItIs() {
    assertThat(ThreadDumps.text())
        .contains(Thread.currentThread().getName() + " #")
        .contains("io.taskbroker.bootstrap.ThreadDumpsTest.aDumpNamesEveryThreadAndWhereItIs");
  }
}

package io.taskbroker.application.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WorkerProgramsTest {
  private final WorkerPrograms programs = new WorkerPrograms();

  @Test
  void whatAWorkerSaysLast_counts_andItIsCut() {
    programs.tells("10.0.0.5:1", "mail/1");
    programs.tells("10.0.0.5:1", " mail/2 ");
    programs.tells("10.0.0.5:1", "");
    programs.tells("", "nobody/1");
    programs.tells("10.0.0.6:1", "x".repeat(WorkerPrograms.LONGEST + 1));

    assertThat(programs.of("10.0.0.5:1")).contains("mail/2");
    assertThat(programs.of("")).isEmpty();
    assertThat(programs.of("10.0.0.6:1").orElseThrow()).hasSize(WorkerPrograms.LONGEST);
  }

  @Test
  void thoseThatWereToldFirst_areForgottenFirst() {
    for (int i = 0; i < WorkerPrograms.MOST; i++) {
      programs.tells("w" + i, "mail");
    }
    programs.tells("w1", "mail/2");
    programs.tells("one more", "mail");
    programs.tells("another", "mail");

    assertThat(programs.of("w0")).isEmpty();
    assertThat(programs.of("w1")).contains("mail/2");
    assertThat(programs.of("w2")).isEmpty();
    assertThat(programs.of("w3")).isPresent();
  }
}

package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskNameTest {
  @ParameterizedTest
  @CsvSource({
    "mail.welcome, mail, welcome",
    "mail:welcome, mail, welcome",
    "mail.a.b, mail, a.b",
    "a.b:c, a.b, c",
    "welcome, default, welcome"
  })
  void aName_isSplitAsThePythonClientDoes(String name, String namespace, String task) {
    assertThat(TaskName.of(name)).isEqualTo(new TaskName(namespace, task));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".welcome", "mail.", ":", "mail:"})
  void aNameWithoutOneOfBoth_isRefused(String name) {
    assertThatThrownBy(() -> TaskName.of(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("such as mail.welcome, was '" + name + "'");
  }

  @Test
  void whatGoesWithoutSaying_isNotPrinted() {
    assertThat(TaskName.of("mail:welcome").words()).isEqualTo("mail.welcome");
    assertThat(TaskName.of("welcome").words()).isEqualTo("welcome");
    assertThat(new TaskName("", "welcome").words()).isEqualTo("welcome");
  }
}

package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.taskbroker.proto.v1.TaskActivation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TaskArgumentsTest {
  private static String sentAndPrinted(String arguments) {
    TaskActivation task =
        TaskActivation.newBuilder()
            .setId("i")
            .setApplication("dev")
            .setTaskname("mail")
            .setParametersBytes(ByteString.copyFrom(TaskArguments.packed(arguments)))
            .build();
    return WorkCommand.line(task);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[]|mail()",
        "[7, \"a@b.c\", null, true]|mail(7,\"a@b.c\",null,true)",
        "{\"org\": 7, \"to\": [\"a\"]}|mail(org=7,to=[\"a\"])",
        "[1.5, 12345678901, 18446744073709551615]|mail(1.5,12345678901,18446744073709551615)",
        "[{\"a\": {\"b\": []}}]|mail({\"a\":{\"b\":[]}})"
      })
  void whatIsSent_isWhatAWorkerPrints(String arguments, String call) {
    assertThat(sentAndPrinted(arguments).replace(", ", ","))
        .startsWith(call)
        .contains("application 'dev',id i");
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "\"a\"", "true", "null"})
  void whatIsNoListAndNoObject_isRefused_withTheRemedy(String arguments) {
    assertThatThrownBy(() -> TaskArguments.packed(arguments))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'[" + arguments + "]'");
  }

  @Test
  void whatIsNoJson_isRefused() {
    assertThatThrownBy(() -> TaskArguments.packed("[1,"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no JSON");
  }
}

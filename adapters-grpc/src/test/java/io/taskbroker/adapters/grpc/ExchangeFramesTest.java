package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.proto.exchange.v1.Hello;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExchangeFramesTest {
  private static final String LONGEST = "x".repeat(1_024);

  @Test
  void namesMayBeAsLongAsThoseOfTasks() {
    Hello hello =
        Hello.newBuilder().setApplication(LONGEST).addNamespaces(LONGEST).setName(LONGEST).build();

    assertThat(ExchangeFrames.objection(hello)).isNull();
  }

  @Test
  void longerNamesAreRefused_sinceTheStreamWouldKeepThem() {
    String longer = LONGEST + "x";
    List<Hello> hellos =
        List.of(
            Hello.newBuilder().setApplication(longer).build(),
            Hello.newBuilder()
                .setApplication("shop")
                .addNamespaces("a")
                .addNamespaces(longer)
                .build(),
            Hello.newBuilder().setName(longer).build(),
            Hello.newBuilder().setVersion(longer).build());

    assertThat(hellos)
        .allSatisfy(
            hello ->
                assertThat(ExchangeFrames.objection(hello)).contains("more than 1024 letters"));
  }
}

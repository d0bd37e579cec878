package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetadataLimitTest {
  private static final Metadata.Key<String> BAGGAGE =
      Metadata.Key.of("baggage", Metadata.ASCII_STRING_MARSHALLER);

  private final TestServer broker = new TestServer();
  private final ManagedChannel connection = broker.connect();

  @AfterEach
  void close() {
    broker.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {4_000, 7_000, 9_000, 15_000})
  void metadataOfUpTo16Kilobytes_isTaken(int bytes) {
    assertThat(codeWith(bytes)).isEqualTo(Status.Code.NOT_FOUND);
  }

  @ParameterizedTest
  @ValueSource(ints = {17_000, 60_000, 200_000})
  void more_isRefusedInWords_andTheConnectionGoesOn(int bytes) {
    assertThat(codeWith(10)).isEqualTo(Status.Code.NOT_FOUND);
    var held = connection.getState(false);

    assertThatThrownBy(() -> getTask(bytes))
        .hasMessageContaining("RESOURCE_EXHAUSTED")
        .hasMessageContaining("bytes of metadata");

    assertThat(connection.getState(false)).isEqualTo(held);
    assertThat(codeWith(10)).isEqualTo(Status.Code.NOT_FOUND);
  }

  private Status.Code codeWith(int bytes) {
    try {
      getTask(bytes);
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private void getTask(int bytes) {
    var headers = new Metadata();
    headers.put(BAGGAGE, "x".repeat(bytes));
    var _ =
        ConsumerServiceGrpc.newBlockingStub(connection)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .getTask(GetTaskRequest.getDefaultInstance());
  }
}

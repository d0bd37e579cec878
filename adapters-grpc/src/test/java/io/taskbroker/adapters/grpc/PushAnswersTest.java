package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.taskbroker.adapters.grpc.PushAnswers.Reach;
import io.taskbroker.application.push.WorkerGateway.Answer;
import java.io.IOException;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PushAnswersTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Reach NOT_BEGUN = new Reach(false, false, false);
  private static final Reach IN_OUR_BUFFERS = new Reach(true, false, false);
  private static final Reach LEFT = new Reach(true, true, false);

  @ParameterizedTest
  @EnumSource(value = Status.Code.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void whatWasNeverGivenToAConnection_isRefused(Status.Code code) {
    assertThat(answer(code.toStatus(), NOT_BEGUN)).isInstanceOf(Answer.Refused.class);
  }

  @ParameterizedTest
  @EnumSource(value = Status.Code.class, mode = EnumSource.Mode.EXCLUDE, names = "OK")
  void whatHasLeft_andFoundNoAnswer_isUnknown(Status.Code code) {
    assertThat(answer(code.toStatus().withDescription("io exception"), LEFT))
        .isInstanceOf(Answer.Unknown.class);
  }

  @Test
  void whatBrokeWithOurBuffers_isRefused() {
    assertThat(answer(Status.UNAVAILABLE.withDescription("io exception"), IN_OUR_BUFFERS))
        .isInstanceOf(Answer.Refused.class);
  }

  @Test
  @DisplayName("Ours: what we gave up while it was in the buffers may still be sent")
  void whatWeGaveUpWhileItWasInTheBuffers_isUnknown() {
    assertThat(answer(Status.DEADLINE_EXCEEDED, IN_OUR_BUFFERS)).isInstanceOf(Answer.Unknown.class);
    assertThat(answer(Status.CANCELLED, IN_OUR_BUFFERS)).isInstanceOf(Answer.Unknown.class);
    Status ended = Status.UNAVAILABLE.withDescription("Channel shutdownNow invoked");
    assertThat(answer(ended, IN_OUR_BUFFERS)).isInstanceOf(Answer.Unknown.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RST_STREAM closed stream. HTTP/2 error code: REFUSED_STREAM",
        "Abrupt GOAWAY closed sent stream. HTTP/2 error code: NO_ERROR"
      })
  void theWordsOfAConnection_countFromTheConnectionOnly(String words) {
    Status status = Status.UNAVAILABLE.withDescription(words);

    assertThat(answer(status, LEFT)).isInstanceOf(Answer.Refused.class);
    assertThat(answer(status, new Reach(true, true, true))).isInstanceOf(Answer.Unknown.class);
  }

  @Test
  void aDeadline_hasTheSameWordsEachTime() {
    Status status = Status.DEADLINE_EXCEEDED.withDescription("deadline exceeded after 4.99s");

    assertThat(answer(status, NOT_BEGUN))
        .isEqualTo(new Answer.Refused("no connection within PT5S"));
    assertThat(answer(status, LEFT)).isEqualTo(new Answer.Unknown("no answer within PT5S"));
  }

  @Test
  void aCertificateThatIsOver_isToldInItsOwnWords_withoutThePartsOfTheConnection() {
    var over = new CertificateExpiredException("NotAfter: yesterday");
    Status status =
        Status.UNAVAILABLE
            .withDescription("io exception\nChannel Pipeline: [SslHandler#0, Tail#0]")
            .withCause(new IOException("path validation failed", new IOException("below", over)));

    assertThat(answer(status, NOT_BEGUN))
        .isEqualTo(new Answer.Refused("UNAVAILABLE: io exception (NotAfter: yesterday)"));
  }

  private static Answer answer(Status status, Reach reach) {
    return PushAnswers.of(status, reach, TIMEOUT);
  }
}

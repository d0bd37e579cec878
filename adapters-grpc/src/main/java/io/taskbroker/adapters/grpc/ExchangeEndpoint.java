package io.taskbroker.adapters.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.proto.exchange.v1.Answers;
import io.taskbroker.proto.exchange.v1.ExtendRequest;
import io.taskbroker.proto.exchange.v1.HandBackRequest;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * What workers call who name attempts by token. Nothing here blocks: requests are handled on the
 * connection's thread, and answered when the store has done its part.
 */
final class ExchangeEndpoint {
  /** How long to wait after words that could not be recorded. */
  static final Duration NOT_NOW = Duration.ofSeconds(1);

  private static final Status TOO_MANY =
      Status.INVALID_ARGUMENT.withDescription(
          "A call may be about %d attempts at most: split it".formatted(Exchange.MOST_NEWS));

  private final WorkerCall.Desk desk;
  private final Exchange exchange;
  private final ExchangeDesk streams;

  ExchangeEndpoint(WorkerCall.Desk desk, Exchange exchange, ExchangeDesk streams) {
    this.desk = desk;
    this.exchange = exchange;
    this.streams = streams;
  }

  ServerServiceDefinition definition() {
    var definition = ServerServiceDefinition.builder(WorkerExchangeGrpc.SERVICE_NAME);
    desk.serve(definition, WorkerExchangeGrpc.getHandBackMethod(), this::handBack);
    desk.serve(definition, WorkerExchangeGrpc.getExtendMethod(), this::extend);
    definition.addMethod(
        WorkerExchangeGrpc.getExchangeMethod().toBuilder(Marshallers.BYTES, Marshallers.STREAM)
            .build(),
        streams);
    return definition.build();
  }

  private void handBack(byte[] bytes, WorkerCall call) throws InvalidProtocolBufferException {
    tell(AttemptWords.of(HandBackRequest.parseFrom(bytes)), call);
  }

  private void extend(byte[] bytes, WorkerCall call) throws InvalidProtocolBufferException {
    tell(AttemptWords.of(ExtendRequest.parseFrom(bytes)), call);
  }

  private void tell(List<News> news, WorkerCall call) {
    if (news.size() > Exchange.MOST_NEWS) {
      call.refuse(TOO_MANY);
      return;
    }
    call.answerWith(
        answers(news),
        () -> "Unable to record what was said of %d attempts".formatted(news.size()),
        answers -> call.answer(answers.toByteArray()));
  }

  private CompletionStage<Answers> answers(List<News> news) {
    if (news.isEmpty()) {
      return CompletableFuture.completedStage(Answers.getDefaultInstance());
    }
    return exchange
        .tell(news)
        .thenApply(answers -> AttemptWords.of(news, answers))
        .exceptionally(failure -> ifNotNow(news, failure));
  }

  /** What can be said again is answered so; anything else is thrown on. */
  private static Answers ifNotNow(List<News> news, Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    if (cause instanceof StoreException.Unavailable || cause instanceof StoreException.Overloaded) {
      return AttemptWords.notNow(news, NOT_NOW);
    }
    throw failure instanceof CompletionException known ? known : new CompletionException(failure);
  }
}

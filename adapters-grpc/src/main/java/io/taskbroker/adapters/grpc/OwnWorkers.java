package io.taskbroker.adapters.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.Credit;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.OutcomeStatus;
import io.taskbroker.proto.exchange.v1.Outcomes;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.Task;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.GetTaskResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusResponse;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Workers within the broker's own process, for tasks of its own. Some ask by calls that wait, and
 * one is attached by a stream. They take whatever there is, do nothing with it, and report it done.
 *
 * <p>One whose call or stream has failed is not heard of again.
 */
public final class OwnWorkers implements AutoCloseable {
  private static final int CALLERS = 32;

  /** Tasks that the attached worker has at a time. */
  private static final int CREDIT = 8;

  private static final int CREDIT_BYTES = 1 << 20;

  private static final String WAIT_MS = "1000";

  private static final String PATH =
      "/" + WorkerExchangeGrpc.getExchangeMethod().getFullMethodName();

  private static final MethodDescriptor<byte[], GetTaskResponse> GET =
      OwnCalls.asBytes(ConsumerServiceGrpc.getGetTaskMethod());

  private static final MethodDescriptor<byte[], SetTaskStatusResponse> SET =
      OwnCalls.asBytes(ConsumerServiceGrpc.getSetTaskStatusMethod());

  private final OwnCalls broker;
  private final IntConsumer onDone;

  /**
   * @param broker where the broker is served, in plain text
   * @param secrets the first of them signs what is said; none at all signs nothing
   * @param onDone told how many tasks more are reported, and the broker has answered that; by any
   *     thread of the connection
   */
  public OwnWorkers(InetSocketAddress broker, List<String> secrets, IntConsumer onDone) {
    this.broker = new OwnCalls(broker, secrets);
    this.onDone = onDone;
  }

  /** Begins to work. */
  public OwnWorkers start() {
    new Attached().begin();
    for (int i = 0; i < CALLERS; i++) {
      ask();
    }
    return this;
  }

  /** Ends the connection, and with it all calls; returns at once. */
  @Override
  public void close() {
    broker.close();
  }

  private void ask() {
    var headers = new Metadata();
    headers.put(LongPoll.WAIT, WAIT_MS);
    broker.call(
        GET,
        GetTaskRequest.getDefaultInstance().toByteArray(),
        headers,
        answer -> work(answer.hasTask() ? answer.getTask() : null),
        this::askWhereNothingWas);
  }

  private void askWhereNothingWas(Status status) {
    if (status.getCode() == Status.Code.NOT_FOUND) {
      ask();
    }
  }

  private void work(@Nullable TaskActivation task) {
    if (task == null) {
      ask();
      return;
    }
    byte[] report =
        SetTaskStatusRequest.newBuilder()
            .setId(task.getId())
            .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
            .setFetchNextTask(FetchNextTask.getDefaultInstance())
            .build()
            .toByteArray();
    broker.call(
        SET,
        report,
        new Metadata(),
        answer -> {
          onDone.accept(1);
          work(answer.hasTask() ? answer.getTask() : null);
        },
        this::askWhereNothingWas);
  }

  /** The worker that has a stream. What it says, it says on the connection's thread. */
  private final class Attached extends ClientCall.Listener<BrokerFrame> {
    private final ClientCall<SignedFrame, BrokerFrame> call =
        broker.open(WorkerExchangeGrpc.getExchangeMethod());

    private byte[] nonce = {};
    private long frames;

    void begin() {
      call.start(this, new Metadata());
      call.request(1);
    }

    @Override
    public void onMessage(BrokerFrame frame) {
      switch (frame.getFrameCase()) {
        case CHALLENGE -> {
          nonce = frame.getChallenge().getNonce().toByteArray();
          say(WorkerFrame.newBuilder().setHello(Hello.getDefaultInstance()));
        }
        case HELD -> giveCredit(CREDIT, CREDIT_BYTES);
        case TASKS -> work(frame.getTasks().getTasksList());
        case ANSWERS -> onDone.accept(frame.getAnswers().getAnswersCount());
        case WELCOME, CANCEL, DRAINING, FRAME_NOT_SET -> {}
      }
      call.request(1);
    }

    private void work(List<Task> tasks) {
      Outcomes.Builder outcomes = Outcomes.newBuilder();
      int bytes = 0;
      for (Task task : tasks) {
        outcomes
            .addOutcomesBuilder()
            .setId(idOf(task))
            .setToken(task.getToken())
            .setStatus(OutcomeStatus.OUTCOME_STATUS_COMPLETE);
        bytes += task.getActivation().size();
      }
      say(WorkerFrame.newBuilder().setOutcomes(outcomes));
      giveCredit(tasks.size(), bytes);
    }

    private static String idOf(Task task) {
      try {
        return TaskActivation.parseFrom(task.getActivation()).getId();
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("the broker has sent what is no task", e);
      }
    }

    private void giveCredit(int tasks, int bytes) {
      say(WorkerFrame.newBuilder().setCredit(Credit.newBuilder().setTasks(tasks).setBytes(bytes)));
    }

    private void say(WorkerFrame.Builder words) {
      byte[] frame = words.build().toByteArray();
      SignedFrame.Builder signed =
          SignedFrame.newBuilder().setFrame(UnsafeByteOperations.unsafeWrap(frame));
      String signature =
          broker.signature(PATH, List.of(ExchangeDesk.signedBefore(nonce, frames++), frame));
      if (signature != null) {
        signed.setSignature(ByteString.copyFrom(HexFormat.of().parseHex(signature)));
      }
      call.sendMessage(signed.build());
    }
  }
}

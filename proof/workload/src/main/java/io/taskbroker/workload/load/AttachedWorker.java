package io.taskbroker.workload.load;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.taskbroker.proto.exchange.v1.Answer;
import io.taskbroker.proto.exchange.v1.Attempt;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.Credit;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.Outcome;
import io.taskbroker.proto.exchange.v1.OutcomeStatus;
import io.taskbroker.proto.exchange.v1.Outcomes;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.Task;
import io.taskbroker.proto.exchange.v1.Verdict;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import io.taskbroker.workload.ledger.Handout;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One worker, and the stream by which it is attached now. Safe for all threads. */
final class AttachedWorker {
  private final AttachedSettings settings;
  private final Map<String, TaskKind> kinds;
  private final Ledger ledger;
  private final ManagedChannel channel;
  private final ScheduledExecutorService timer;

  /** Outcomes that the broker has not answered, by token. */
  private final Map<Long, Told> unanswered = new LinkedHashMap<>();

  private @Nullable Stream stream;
  private boolean leaving;
  private long frames;
  private long tasks;

  /** One task's work, and the bytes that are free again afterwards. */
  private record Job(long bytes, Supplier<Told> work) {}

  private record Told(Outcome outcome, @Nullable Handout handout) {}

  AttachedWorker(
      AttachedSettings settings,
      Map<String, TaskKind> kinds,
      Ledger ledger,
      ManagedChannel channel,
      ScheduledExecutorService timer) {
    this.settings = settings;
    this.kinds = kinds;
    this.ledger = ledger;
    this.channel = channel;
    this.timer = timer;
  }

  synchronized long frames() {
    return frames;
  }

  synchronized long tasks() {
    return tasks;
  }

  synchronized void attach() {
    if (!leaving) {
      Stream begun = new Stream();
      stream = begun;
      begun.begin();
    }
  }

  synchronized void breakOff() {
    if (stream != null) {
      stream.call.cancel("broken off", null);
    }
  }

  synchronized void leave() {
    leaving = true;
    if (stream != null) {
      stream.call.halfClose();
    }
  }

  private void after(Duration pause, Runnable step) {
    try {
      var _ = timer.schedule(step, pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException _) {
      // it has left
    }
  }

  // ---------------------------------------------------------------- one stream

  private final class Stream extends ClientCall.Listener<BrokerFrame> {
    private final ClientCall<SignedFrame, BrokerFrame> call =
        channel.newCall(WorkerExchangeGrpc.getExchangeMethod(), CallOptions.DEFAULT);

    private ByteString nonce = ByteString.EMPTY;
    private long number;
    private long askedNanos;
    private boolean attached;

    void begin() {
      call.start(this, new Metadata());
      call.request(1);
    }

    @Override
    public void onMessage(BrokerFrame frame) {
      synchronized (AttachedWorker.this) {
        if (stream == this && !leaving) {
          handle(frame);
        }
      }
      call.request(1);
    }

    private void handle(BrokerFrame frame) {
      switch (frame.getFrameCase()) {
        case CHALLENGE -> {
          nonce = frame.getChallenge().getNonce();
          say(WorkerFrame.newBuilder().setHello(hello()));
        }
        case HELD -> {
          attached = true;
          tell(List.copyOf(unanswered.values()));
          credit(settings.credit() - unanswered.size(), AttachedSettings.CREDIT_BYTES);
        }
        case TASKS -> take(frame.getTasks().getTasksList());
        case ANSWERS -> frame.getAnswers().getAnswersList().forEach(this::answered);
        case DRAINING -> call.halfClose();
        case WELCOME, CANCEL, FRAME_NOT_SET -> {}
      }
    }

    private Hello.Builder hello() {
      Hello.Builder hello = Hello.newBuilder().setName("workload").setVersion("1");
      if (settings.application() != null) {
        hello.setApplication(settings.application());
      }
      for (Told told : unanswered.values()) {
        hello.addHeld(
            Attempt.newBuilder().setId(told.outcome().getId()).setToken(told.outcome().getToken()));
      }
      return hello;
    }

    private void credit(int more, long bytes) {
      askedNanos = System.nanoTime();
      if (more > 0) {
        say(WorkerFrame.newBuilder().setCredit(Credit.newBuilder().setTasks(more).setBytes(bytes)));
      }
    }

    /** Those that take equally long are worked on together. */
    private void take(List<Task> taken) {
      frames++;
      tasks += taken.size();
      Map<Duration, List<Job>> jobs = new TreeMap<>();
      for (Task task : taken) {
        TaskActivation activation = parsed(task);
        Handout handout = ledger.handedOut(activation, settings.address(), askedNanos);
        TaskKind kind = kinds.get(activation.getTaskname());
        jobs.computeIfAbsent(kind == null ? Duration.ZERO : kind.work(), _ -> new ArrayList<>())
            .add(new Job(task.getActivation().size(), () -> work(task, activation, kind, handout)));
      }
      List<Job> quick = jobs.remove(Duration.ZERO);
      if (quick != null) {
        work(quick);
      }
      jobs.forEach(
          (takes, those) ->
              after(
                  takes,
                  () -> {
                    synchronized (AttachedWorker.this) {
                      work(those);
                    }
                  }));
    }

    /** By whichever stream there is then: what is not said now is said by the next. */
    private void work(List<Job> jobs) {
      List<Told> told = new ArrayList<>();
      long bytes = 0;
      for (Job job : jobs) {
        Told one = job.work().get();
        unanswered.put(one.outcome().getToken(), one);
        told.add(one);
        bytes += job.bytes();
      }
      Stream now = stream;
      if (now == null || !now.attached || leaving) {
        return; // the next one says it when it begins
      }
      now.tell(told);
      if (now == this) {
        credit(jobs.size(), bytes);
      }
    }

    private Told work(
        Task task, TaskActivation activation, @Nullable TaskKind kind, @Nullable Handout handout) {
      if (handout != null) {
        ledger.worked(handout);
      }
      Outcome outcome =
          Outcome.newBuilder()
              .setId(activation.getId())
              .setToken(task.getToken())
              .setStatus(statusOf(TaskKind.outcome(kind, activation.getRetryState().getAttempts())))
              .build();
      return new Told(outcome, handout);
    }

    private void tell(List<Told> told) {
      if (told.isEmpty()) {
        return;
      }
      Outcomes.Builder outcomes = Outcomes.newBuilder();
      told.forEach(one -> outcomes.addOutcomes(one.outcome()));
      say(WorkerFrame.newBuilder().setOutcomes(outcomes));
    }

    private void answered(Answer answer) {
      if (answer.getVerdict() == Verdict.VERDICT_NOT_NOW) {
        Told again = unanswered.get(answer.getToken());
        if (again != null) {
          after(
              Duration.ofMillis(answer.getRetryAfterMillis()),
              () -> {
                synchronized (AttachedWorker.this) {
                  if (stream == this && !leaving) {
                    tell(List.of(again));
                  }
                }
              });
        }
        return;
      }
      Told told = unanswered.remove(answer.getToken());
      if (told != null && told.handout() != null && isTaken(answer.getVerdict())) {
        ledger.acknowledged(told.handout());
      }
    }

    /** An outcome of an attempt that is not the latest changes nothing, and the task may come. */
    private static boolean isTaken(Verdict verdict) {
      return switch (verdict) {
        case VERDICT_RECORDED, VERDICT_ALREADY_OVER -> true;
        case VERDICT_UNKNOWN, VERDICT_SUPERSEDED, VERDICT_NOT_NOW -> false;
        case VERDICT_UNSPECIFIED, UNRECOGNIZED ->
            throw new IllegalStateException("the broker has answered " + verdict);
      };
    }

    private void say(WorkerFrame.Builder frame) {
      ByteString bytes = frame.build().toByteString();
      SignedFrame.Builder signed = SignedFrame.newBuilder().setFrame(bytes);
      if (settings.secret() != null) {
        signed.setSignature(FrameSignature.of(settings.secret(), nonce, number, bytes));
      }
      number++;
      call.sendMessage(signed.build());
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      synchronized (AttachedWorker.this) {
        attached = false;
      }
      after(AttachedSettings.RECOVERY, AttachedWorker.this::attach);
    }
  }

  private static TaskActivation parsed(Task task) {
    try {
      return TaskActivation.parseFrom(task.getActivation());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the broker has sent what is no task", e);
    }
  }

  private static OutcomeStatus statusOf(TaskActivationStatus status) {
    return switch (status) {
      case TASK_ACTIVATION_STATUS_COMPLETE -> OutcomeStatus.OUTCOME_STATUS_COMPLETE;
      case TASK_ACTIVATION_STATUS_RETRY -> OutcomeStatus.OUTCOME_STATUS_RETRY;
      case TASK_ACTIVATION_STATUS_FAILURE -> OutcomeStatus.OUTCOME_STATUS_FAILURE;
      case TASK_ACTIVATION_STATUS_UNSPECIFIED,
          TASK_ACTIVATION_STATUS_PENDING,
          TASK_ACTIVATION_STATUS_PROCESSING,
          UNRECOGNIZED ->
          throw new IllegalArgumentException(status + " is no outcome");
    };
  }
}

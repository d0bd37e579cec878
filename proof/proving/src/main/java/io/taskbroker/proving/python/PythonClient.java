package io.taskbroker.proving.python;

import io.taskbroker.workload.process.ChildProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The reference's client, ready to run programs of ours that use it. */
public final class PythonClient {
  private static final List<String> PROGRAMS =
      List.of("proving_app.py", "produce.py", "run_worker.py", "read_metrics.py");

  private final Path python;

  /**
   * @param python interpreter that finds the client
   */
  PythonClient(Path python) {
    this.python = python;
  }

  String interpreter() {
    return python.toString();
  }

  /**
   * Starts one of our programs, by the names that they have in {@code /workers}.
   *
   * @param folder that all of them are written to
   * @param variables further ones of its environment
   * @param output takes both of its streams
   * @param words its name and its arguments
   */
  public ChildProcess start(
      Path folder, Map<String, String> variables, Path output, List<String> words) {
    PROGRAMS.forEach(program -> Resources.copy(program, folder));
    List<String> command = new ArrayList<>(List.of("env", "PYTHONUNBUFFERED=1"));
    command.add("PYTHONPATH=" + folder.toAbsolutePath());
    variables.forEach((name, value) -> command.add(name + "=" + value));
    command.add(interpreter());
    command.add(folder.resolve(words.getFirst()).toAbsolutePath().toString());
    command.addAll(words.subList(1, words.size()));
    return ChildProcess.start(command, output);
  }
}

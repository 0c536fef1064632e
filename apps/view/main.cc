// fleet-view: shows tasks, runs, exported policies and recordings in a window. ./fleet view --help

#include <chrono>

#include <CLI/CLI.hpp>

#include "apps/exit_code.h"
#include "apps/files/atomic_write.h"
#include "apps/usage_error.h"
#include "apps/user_error.h"
#include "apps/view/arguments.h"
#include "apps/view/viewer.h"

namespace fleet::view {
namespace {

void declare(CLI::App& app, Arguments& arguments) {
  app.set_version_flag("--version", FLEET_VERSION);
  app.add_option("subject", arguments.subject,
                 "Run folder, task, .onnx file or file of RUN/divergences; then key.path=value ...")
      ->required();
  app.add_option("overrides", arguments.assignments, "Settings, e.g. velocity.push.enabled=false");
  app.add_option("--task", arguments.task, "Of an .onnx file; default: the one that it names");
  app.add_option("--agent", arguments.actor,
                 "Who acts; default: the trained policy if there is one")
      ->check(CLI::IsMember({"trained", "zero", "random"}));
  app.add_option("--replay", arguments.replay, "Show a motion of `play --save`, or a rollout's");
  app.add_option("--world", arguments.world, "Of a file of RUN/divergences")
      ->check(whole_number(0));
  app.add_option("--num-envs", arguments.num_envs, "Envs to pick from; default 16")
      ->check(env_count());
  app.add_option("--seed", arguments.seed)->check(whole_number(0));
  app.add_option("--width", arguments.width, "Of the window, pixels")
      ->check(whole_number(200, 16384));
  app.add_option("--height", arguments.height)->check(whole_number(200, 16384));
  app.add_option("--script", arguments.script,
                 "What hands do: FRAME key space, FRAME click Push ...");
  app.add_option("--frames", arguments.frames, "Ends after so many frames, each of 1/60 s")
      ->check(whole_number(1));
  app.add_option("--screenshot", arguments.screenshot, "File (.png) for the last of --frames");
  app.add_option("--json", arguments.json, "File for times and state at the end; - for stdout");
}

int run(int argc, char** argv, std::chrono::steady_clock::time_point start) {
  CLI::App app("Shows tasks, runs and recordings in a window; f1 lists its keys.", "fleet view");
  Arguments arguments;
  declare(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      return app.exit(error);
    }
    throw UserError(usage_error(app, error));
  }
  if (arguments.frames == 0 && !arguments.screenshot.empty()) {
    throw UserError("--screenshot: needs --frames, whose last one it shows");
  }
  files::require_writable(arguments.screenshot);
  files::require_writable(arguments.json == "-" ? "" : arguments.json);
  Viewer(arguments, start).run();
  return 0;
}

}  // namespace
}  // namespace fleet::view

int main(int argc, char** argv) {
  const auto start = std::chrono::steady_clock::now();
  return fleet::exit_code_of([&] { return fleet::view::run(argc, argv, start); });
}

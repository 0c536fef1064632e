#include <filesystem>
#include <stdexcept>

#include <dlfcn.h>
#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include "apps/commands.h"
#include "apps/machine.h"
#include "apps/render/gl_context.h"
#include "apps/render/video.h"
#include "apps/run_config.h"
#include "sim/model.h"

namespace fleet {
namespace {

namespace fs = std::filesystem;

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

/// Prints a line; what is needed to train and missing makes the verdict.
class Findings {
 public:
  void good(const std::string& subject, const std::string& found) { print("ok", subject, found); }
  void absent(const std::string& subject, const std::string& found) { print("--", subject, found); }
  void bad(const std::string& subject, const std::string& found) {
    print("BAD", subject, found);
    can_train_ = false;
  }
  bool can_train() const { return can_train_; }

 private:
  static void print(const char* mark, const std::string& subject, const std::string& found) {
    fmt::print("{:<4} {:<12} {}\n", mark, subject, found);
  }
  bool can_train_ = true;
};

void look_at_program(Findings& findings) {
  findings.good("fleet", fmt::format("{} ({})", FLEET_VERSION, FLEET_REVISION));
  try {
    sim::initialise_mujoco();
    findings.good("MuJoCo", mj_versionString());
  } catch (const std::runtime_error& error) {
    findings.bad("MuJoCo", error.what());
  }
}

void look_at_machine(Findings& findings) {
  const Machine machine = describe_machine();
  const std::string cpu = fmt::format("{}, {} CPUs", machine.cpu, machine.num_cpus);
  if (cpu_has(FLEET_ISA)) {
    findings.good("CPU", fmt::format("{}; built for {}", cpu, FLEET_ISA));
  } else {
    findings.bad("CPU",
                 fmt::format("{}; lacks {}, which the program was built for", cpu, FLEET_ISA));
  }
  const std::string memory = fmt::format("{:.1f} GiB, {:.1f} GiB free", machine.memory / kGiB,
                                         machine.memory_available / kGiB);
  machine.memory_available > kGiB ? findings.good("memory", memory)
                                  : findings.bad("memory", memory);
  std::error_code error;
  const fs::space_info space = fs::space(fs::current_path(error), error);
  const double free = error ? 0.0 : static_cast<double>(space.available);
  const std::string disk = fmt::format("{:.1f} GiB free here", free / kGiB);
  free > 0.1 * kGiB ? findings.good("disk", disk) : findings.bad("disk", disk);
}

/// Compiles each task's model: assets, robots and tasks in one go.
void look_at_tasks(Findings& findings) {
  std::string compiled;
  for (const std::string& name : task_names()) {
    try {
      envs::make_model(load_run_config(name, {}).env, root_folder() + "/third_party");
      compiled += (compiled.empty() ? "" : " ") + name;
    } catch (const std::exception& error) {
      findings.bad("task", name + ": " + error.what());
    }
  }
  findings.good("tasks", compiled);
}

void look_at_pictures(Findings& findings) {
  try {
    findings.good("OpenGL", render::make_gl_context()->name());
  } catch (const std::runtime_error& error) {
    findings.absent("OpenGL", error.what());
  }
  render::has_ffmpeg() ? findings.good("ffmpeg", "found")
                       : findings.absent("ffmpeg", "not on PATH; only `play --video` needs it");
}

void look_at_gpu(Findings& findings) {
  void* const driver = dlopen("libcuda.so.1", RTLD_LAZY);
  if (driver == nullptr) {
    findings.absent("CUDA driver", "not found; training runs on the CPU");
    return;
  }
  using GetVersion = int(int*);
  auto* const get_version = reinterpret_cast<GetVersion*>(dlsym(driver, "cuDriverGetVersion"));
  int version = 0;
  if (get_version != nullptr && get_version(&version) == 0) {
    findings.good("CUDA driver", fmt::format("{}.{}", version / 1000, version % 1000 / 10));
  } else {
    findings.absent("CUDA driver", "found, but it does not answer");
  }
}

}  // namespace

/// Looks at all that a run needs or could use.
int doctor() {
  Findings findings;
  look_at_program(findings);
  look_at_machine(findings);
  look_at_tasks(findings);
  look_at_pictures(findings);
  look_at_gpu(findings);
  fmt::print("{}\n", findings.can_train() ? "This machine can train."
                                          : "This machine cannot train yet: see BAD above.");
  return findings.can_train() ? 0 : 1;
}

}  // namespace fleet

// Writes the models that the device test program runs on, each with random states:
//   write_physics_cases FOLDER

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <random>
#include <string>

#include "sim/physics_model.h"
#include "tests/support/physics_case.h"
#include "tests/support/physics_models.h"
#include "tests/support/physics_parity.h"
#include "tests/support/physics_states.h"

namespace fleet {
namespace {

constexpr int kNumWorlds = 100;

testing::PhysicsCase make_case(const mjModel& m) {
  testing::PhysicsCase c{
      .physics = sim::make_physics<float>(m), .num_worlds = kNumWorlds, .states = {}};
  const sim::DataPtr d = sim::make_data(m);
  std::mt19937_64 random(17);
  for (int world = 0; world < kNumWorlds; ++world) {
    testing::randomise_state(m, *d, random);
    if (world % 2 == 0) {
      testing::randomise(m, *d, random);  // touching
    }
    for (const auto& [numbers, size] :
         {std::pair{d->qpos, m.nq}, std::pair{d->qvel, m.nv}, std::pair{d->act, m.na},
          std::pair{d->qacc_warmstart, m.nv}, std::pair{d->ctrl, m.nu}}) {
      std::transform(numbers, numbers + size, std::back_inserter(c.states),
                     [](double x) { return static_cast<float>(x); });
    }
  }
  return c;
}

/// "a/b/scene.xml" as "07-scene.case": names repeat, numbers do not.
std::string file_name(const std::string& model, std::size_t index) {
  const std::string number = std::to_string(index);
  return std::string(number.size() < 2 ? "0" : "") + number + '-' +
         std::filesystem::path(model).stem().string() + ".case";
}

}  // namespace
}  // namespace fleet

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "expected: write_physics_cases FOLDER\n");
    return 2;
  }
  try {
    const std::vector<std::string> models = fleet::testing::all_models();
    std::filesystem::create_directories(argv[1]);
    for (std::size_t i = 0; i < models.size(); ++i) {
      const auto path = std::filesystem::path(argv[1]) / fleet::file_name(models[i], i);
      fleet::testing::save_case(fleet::make_case(*fleet::testing::model_named(models[i])), path);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "write_physics_cases: %s\n", error.what());
    return 1;
  }
}

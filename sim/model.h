#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <mujoco/mujoco.h>

namespace fleet::sim {

struct ModelDeleter {
  void operator()(mjModel* model) const { mj_deleteModel(model); }
};
struct DataDeleter {
  void operator()(mjData* data) const { mj_deleteData(data); }
};
using ModelPtr = std::unique_ptr<mjModel, ModelDeleter>;
using DataPtr = std::unique_ptr<mjData, DataDeleter>;

/// Routes MuJoCo's messages: errors outside a batch become exceptions, warnings are dropped (worlds
/// count their own). Without it MuJoCo writes MUJOCO_LOG.TXT into the current folder.
/// @throws std::runtime_error if the library is older than 4.0.1, which has a wrong Newton factor
void initialise_mujoco();

/// Compiles an MJCF file.
/// @throws std::runtime_error with one line: file, and what MuJoCo says
ModelPtr load_model(const std::string& file);

/// @throws std::runtime_error if memory runs out
DataPtr make_data(const mjModel& model);

/// The id of a named object. @throws std::runtime_error naming the object and the model's own names
int id_of(const mjModel& model, mjtObj type, const std::string& name);

/// Where a joint's stops are, rad or m: lower, upper; infinite where it has none.
std::array<double, 2> joint_range(const mjModel& model, int joint);

/// Whether `name` matches `pattern`, an ECMAScript regular expression, as a whole.
bool matches(const std::string& name, const std::string& pattern);

/// Names of all objects of a type, in id order; "" where one has none.
std::vector<std::string> names_of(const mjModel& model, mjtObj type);

}  // namespace fleet::sim

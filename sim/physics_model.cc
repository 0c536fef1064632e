#include "sim/physics_model.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "cuda/physics/contacts.h"
#include "sim/physics_actuation.h"
#include "sim/physics_append.h"
#include "sim/physics_pairs.h"
#include "sim/physics_sensors.h"
#include "sim/physics_support.h"

namespace fleet::sim {
namespace {

template <class T>
void add_options(const mjModel& m, physics::PhysicsModel<T>& p) {
  const mjOption& option = m.opt;
  const auto on = [&](int bit) { return (option.disableflags & bit) == 0; };
  const bool constraints = on(mjDSBL_CONSTRAINT);
  p.integrator = option.integrator == mjINT_RK4            ? physics::Integrator::kRungeKutta
                 : option.integrator == mjINT_IMPLICITFAST ? physics::Integrator::kImplicitFast
                                                           : physics::Integrator::kEuler;
  p.elliptic = option.cone == mjCONE_ELLIPTIC;
  p.warmstart = on(mjDSBL_WARMSTART);
  p.refsafe = on(mjDSBL_REFSAFE);
  p.filter_parent = on(mjDSBL_FILTERPARENT);
  p.clamp_ctrl = on(mjDSBL_CLAMPCTRL);
  p.eulerdamp = on(mjDSBL_EULERDAMP);
  p.contacts = constraints && on(mjDSBL_CONTACT);
  p.limits = constraints && on(mjDSBL_LIMIT);
  p.frictionloss = constraints && on(mjDSBL_FRICTIONLOSS);
  p.actuation = on(mjDSBL_ACTUATION);
  p.gravity_on = on(mjDSBL_GRAVITY);
  p.springs = on(mjDSBL_SPRING);
  p.dampers = on(mjDSBL_DAMPER);
  p.timestep = static_cast<T>(option.timestep);
  p.impratio = static_cast<T>(option.impratio);
  p.tolerance = static_cast<T>(option.tolerance);
  p.ls_tolerance = static_cast<T>(option.ls_tolerance);
  p.density = static_cast<T>(option.density);
  p.viscosity = static_cast<T>(option.viscosity);
  copy_array(p.gravity, option.gravity);
  copy_array(p.wind, option.wind);
  copy_array(p.magnetic, option.magnetic);
  p.iterations = option.iterations;
  p.ls_iterations = option.ls_iterations;
}

template <class T>
void add_sizes(const mjModel& m, physics::PhysicsModel<T>& p) {
  for (const auto& [to, from] :
       {std::pair{&p.nq, m.nq}, std::pair{&p.nv, m.nv}, std::pair{&p.nu, m.nu},
        std::pair{&p.na, m.na}, std::pair{&p.nbody, m.nbody}, std::pair{&p.njnt, m.njnt},
        std::pair{&p.ngeom, m.ngeom}, std::pair{&p.nsite, m.nsite},
        std::pair{&p.ntendon, m.ntendon}, std::pair{&p.nC, m.nC}, std::pair{&p.nwrap, m.nwrap}}) {
    *to = static_cast<int>(from);
  }
}

/// Whether a tree has one joint alone, a free one.
bool is_loose(const mjModel& m, int body) {
  return m.body_jntnum[body] == 1 && m.jnt_type[m.body_jntadr[body]] == mjJNT_FREE &&
         m.tree_dofnum[m.body_treeid[body]] == 6;
}

/// Which bodies fluid, gravity compensation and the integrator look at.
template <class T>
void add_body_lists(const mjModel& m, physics::PhysicsModel<T>& p) {
  const bool any_passive = p.springs || p.dampers;  // else MuJoCo skips all passive forces
  const bool fluid = (m.opt.density != 0 || m.opt.viscosity != 0) && any_passive;
  p.has_gravcomp = m.flg_gravcomp && p.gravity_on && any_passive;
  for (int i = 1; i < m.nbody; ++i) {
    if (fluid && m.body_mass[i] >= mjMINVAL && p.body_lastdof[i] >= 0) {
      p.fluid_bodies.push_back(i);
    }
    if (p.integrator == physics::Integrator::kImplicitFast && is_loose(m, i)) {
      p.free_bodies.push_back(i);
    }
  }
}

template <class T>
void add_bodies(const mjModel& m, physics::PhysicsModel<T>& p) {
  append(p.body_parentid, m.body_parentid, m.nbody);
  append(p.body_rootid, m.body_rootid, m.nbody);
  append(p.body_jntnum, m.body_jntnum, m.nbody);
  append(p.body_jntadr, m.body_jntadr, m.nbody);
  append(p.body_dofnum, m.body_dofnum, m.nbody);
  append(p.body_dofadr, m.body_dofadr, m.nbody);
  append(p.body_pos, m.body_pos, 3 * m.nbody);
  append(p.body_quat, m.body_quat, 4 * m.nbody);
  append(p.body_gravcomp, m.body_gravcomp, m.nbody);
  for (int i = 0; i < m.nbody; ++i) {
    int body = i;
    while (body > 0 && m.body_dofnum[body] == 0) {
      body = m.body_parentid[body];
    }
    p.body_lastdof.push_back(body > 0 ? m.body_dofadr[body] + m.body_dofnum[body] - 1 : -1);
  }
  add_body_lists(m, p);
}

template <class T>
void add_joints(const mjModel& m, physics::PhysicsModel<T>& p) {
  append(p.jnt_type, m.jnt_type, m.njnt);  // the same order as Joint
  append(p.jnt_qposadr, m.jnt_qposadr, m.njnt);
  append(p.jnt_dofadr, m.jnt_dofadr, m.njnt);
  append(p.jnt_bodyid, m.jnt_bodyid, m.njnt);
  append(p.jnt_limited, m.jnt_limited, m.njnt);
  append(p.jnt_actfrclimited, m.jnt_actfrclimited, m.njnt);
  append(p.jnt_actgravcomp, m.jnt_actgravcomp, m.njnt);
  append(p.jnt_pos, m.jnt_pos, 3 * m.njnt);
  append(p.jnt_axis, m.jnt_axis, 3 * m.njnt);
  append(p.jnt_stiffness, m.jnt_stiffness, m.njnt);
  append(p.jnt_range, m.jnt_range, 2 * m.njnt);
  append(p.jnt_actfrcrange, m.jnt_actfrcrange, 2 * m.njnt);
  append(p.jnt_margin, m.jnt_margin, m.njnt);
  append(p.jnt_solref, m.jnt_solref, mjNREF * m.njnt);
  append(p.jnt_solimp, m.jnt_solimp, mjNIMP * m.njnt);
  append(p.qpos0, m.qpos0, m.nq);
  append(p.qpos_spring, m.qpos_spring, m.nq);
}

template <class T>
void add_dofs(const mjModel& m, physics::PhysicsModel<T>& p) {
  append(p.dof_bodyid, m.dof_bodyid, m.nv);
  append(p.dof_jntid, m.dof_jntid, m.nv);
  append(p.dof_parentid, m.dof_parentid, m.nv);
  append(p.dof_solref, m.dof_solref, mjNREF * m.nv);
  append(p.dof_solimp, m.dof_solimp, mjNIMP * m.nv);
  for (int i = 0; i < m.nv; ++i) {
    p.dof_has_frictionloss.push_back(m.dof_frictionloss[i] > 0);
    p.has_damping = p.has_damping || m.dof_damping[i] > 0;
    p.dof_index.push_back(i);
    const auto loose = std::ranges::find(p.free_bodies, m.dof_bodyid[i]);
    p.dof_free.push_back(
        loose == p.free_bodies.end() ? -1 : static_cast<int>(loose - p.free_bodies.begin()));
  }
  append(p.M_rownnz, m.M_rownnz, m.nv);
  append(p.M_rowadr, m.M_rowadr, m.nv);
  append(p.M_colind, m.M_colind, m.nC);
}

/// -1: meshes and height fields, which the engine can carry along but not touch.
int shape_of(int type) {
  switch (type) {
    case mjGEOM_PLANE:
      return static_cast<int>(physics::GeomType::kPlane);
    case mjGEOM_SPHERE:
      return static_cast<int>(physics::GeomType::kSphere);
    case mjGEOM_CAPSULE:
      return static_cast<int>(physics::GeomType::kCapsule);
    case mjGEOM_ELLIPSOID:
      return static_cast<int>(physics::GeomType::kEllipsoid);
    case mjGEOM_CYLINDER:
      return static_cast<int>(physics::GeomType::kCylinder);
    case mjGEOM_BOX:
      return static_cast<int>(physics::GeomType::kBox);
    default:
      return -1;
  }
}

template <class T>
void add_geoms_and_sites(const mjModel& m, physics::PhysicsModel<T>& p) {
  for (int i = 0; i < m.ngeom; ++i) {
    p.geom_type.push_back(shape_of(m.geom_type[i]));
  }
  append(p.geom_bodyid, m.geom_bodyid, m.ngeom);
  append(p.geom_pos, m.geom_pos, 3 * m.ngeom);
  append(p.geom_quat, m.geom_quat, 4 * m.ngeom);
  append(p.geom_size, m.geom_size, 3 * m.ngeom);
  append(p.geom_rbound, m.geom_rbound, m.ngeom);
  for (int i = 0; i < m.nsite; ++i) {
    p.site_type.push_back(shape_of(m.site_type[i]));
  }
  append(p.site_bodyid, m.site_bodyid, m.nsite);
  append(p.site_pos, m.site_pos, 3 * m.nsite);
  append(p.site_quat, m.site_quat, 4 * m.nsite);
  append(p.site_size, m.site_size, 3 * m.nsite);
}

template <class T>
void add_fields(const mjModel& m, physics::ModelFields<std::vector<T>>& f) {
  append(f.body_mass, m.body_mass, m.nbody);
  append(f.body_ipos, m.body_ipos, 3 * m.nbody);
  append(f.body_iquat, m.body_iquat, 4 * m.nbody);
  append(f.body_inertia, m.body_inertia, 3 * m.nbody);
  append(f.body_subtreemass, m.body_subtreemass, m.nbody);
  append(f.body_invweight0, m.body_invweight0, 2 * m.nbody);
  append(f.dof_armature, m.dof_armature, m.nv);
  append(f.dof_damping, m.dof_damping, m.nv);
  append(f.dof_frictionloss, m.dof_frictionloss, m.nv);
  append(f.dof_invweight0, m.dof_invweight0, m.nv);
  append(f.geom_friction, m.geom_friction, 3 * m.ngeom);
  for (int i = 0; i < m.nactuator; ++i) {
    append(f.actuator_gainprm, m.actuator_gainprm + mjNGAIN * i, 3);
    append(f.actuator_biasprm, m.actuator_biasprm + mjNBIAS * i, 3);
  }
}

bool moves(const mjModel& m, int dof, int body) {
  while (body > 0 && body != m.dof_bodyid[dof]) {
    body = m.body_parentid[body];
  }
  return body > 0;
}

/// Which of the two bodies each column of a pair moves.
template <class T>
void add_pair_signs(const mjModel& m, physics::PhysicsModel<T>& p) {
  for (const physics::GeomPair<T>& pair : p.pairs) {
    for (int c = pair.column_adr; c < pair.column_adr + pair.num_columns; ++c) {
      p.pair_signs.push_back(
          moves(m, p.pair_columns[static_cast<std::size_t>(c)], pair.body2) ? 1 : -1);
    }
  }
}

/// The pairs of geoms that may touch. What the engine cannot collide is added to `missing`.
template <class T>
void add_pairs(const mjModel& m, physics::PhysicsModel<T>& p, std::vector<std::string>& missing) {
  try {
    CollisionPairs<T> pairs = make_collision_pairs<T>(m);
    p.pairs = std::move(pairs.pairs);
    p.pair_columns = std::move(pairs.columns);
    p.nslot = pairs.num_slots;
    add_pair_signs(m, p);
  } catch (const std::runtime_error& error) {
    missing.emplace_back(error.what());
  }
}

void require_none(const std::vector<std::string>& missing) {
  std::string all;
  for (const std::string& what : missing) {
    all += (all.empty() ? "" : ", ") + what;
  }
  if (!all.empty()) {
    throw std::runtime_error("the lanes backend does not support: " + all);
  }
}

}  // namespace

template <class T>
physics::Physics<T> make_physics(const mjModel& model) {
  std::vector<std::string> missing = unsupported_features(model);
  physics::Physics<T> physics;
  physics::PhysicsModel<T>& p = physics.model;
  add_pairs(model, p, missing);
  require_none(missing);
  add_sizes(model, p);
  add_options(model, p);
  add_bodies(model, p);
  add_joints(model, p);
  add_dofs(model, p);
  add_geoms_and_sites(model, p);
  p.pair_bounds = physics::make_pair_bounds(p);
  add_actuation(model, p);
  add_sensors(model, p);
  add_fields(model, physics.fields);
  return physics;
}

template physics::Physics<float> make_physics(const mjModel&);
template physics::Physics<double> make_physics(const mjModel&);

}  // namespace fleet::sim

-- A page of a building's devices, or supply points, is read in the order of their numbers: without them in the index, its plan may
-- walk through everybody's.

drop index device_by_building;
create index device_by_building on device (building_id, id);

drop index supply_point_by_building;
create index supply_point_by_building on supply_point (building_id, id);

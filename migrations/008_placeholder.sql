-- +goose Up
CREATE FUNCTION nigredo.redriven_by_us(p_execution_arn text, p_redrive_count integer) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT false $$;
-- +goose Down
DROP FUNCTION nigredo.redriven_by_us;
